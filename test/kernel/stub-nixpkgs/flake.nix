# A stand-in for nixpkgs, since tests cannot fetch it: just enough for kernel/flake.nix to evaluate, with a stdenv that
# runs a derivation's phases with the tools of the machine it runs on.
{
  description = "A stub of nixpkgs for the tests of kernel/";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      inherit lib;
      legacyPackages.x86_64-linux = import ./packages.nix { inherit lib; };
    };
}
