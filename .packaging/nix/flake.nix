{
  description = "Checks whether mail for a domain works on Microsoft 365";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in {
      packages = each (pkgs: {
        default = pkgs.buildGoModule {
          pname = "maildiag";
          version = self.shortRev or "dirty";
          src = ../..;
          subPackages = [ "cmd/maildiag" ];
          env.CGO_ENABLED = 0;
          ldflags = [ "-s" "-w" ];
          doCheck = false;
          # The first build prints the right value.
          vendorHash = pkgs.lib.fakeHash;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            $out/bin/maildiag man --dir man
            installManPage man/*.1
            for shell in bash zsh fish; do
              $out/bin/maildiag completion $shell > maildiag.$shell
              installShellCompletion --$shell maildiag.$shell
            done
          '';
          meta = { license = pkgs.lib.licenses.mit; mainProgram = "maildiag"; };
        };
      });
    };
}
