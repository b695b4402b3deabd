# The nix-built kernel of tdx-assemble: `nix build` in this directory leaves result/bzImage for `kernel.image`.
# README.md says how; flake.lock pins nixpkgs, and with it the compiler that decides the bytes.
{
  description = "A reproducible Linux guest kernel for Intel TDX VMs";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};

      # Names of files in fragments/, laid on base.config in this order.
      kernelWith =
        names:
        pkgs.callPackage ./kernel.nix {
          fragments = map (name: ./fragments + "/${name}.config") names;
        };

      offered = [
        "azure"
        "cmdline-override"
        "gcp"
        "lock-down"
      ];
    in
    {
      lib = {
        inherit kernelWith;
      };

      packages.${system} = {
        default = kernelWith [ ];
      }
      // nixpkgs.lib.genAttrs offered (name: kernelWith [ name ]);

      # `nix flake check`: every option of base and fragments survives olddefconfig, without compiling.
      checks.${system} = nixpkgs.lib.genAttrs offered (name: (kernelWith [ name ]).configuration) // {
        base = (kernelWith [ ]).configuration;
        all = (kernelWith offered).configuration;
      };

      # `make menuconfig`, and the rest of what working on the kernel needs.
      devShells.${system}.default = pkgs.mkShell {
        inputsFrom = [ self.packages.${system}.default ];
        packages = [
          pkgs.ncurses
          pkgs.pkg-config
        ];
      };
    };
}
