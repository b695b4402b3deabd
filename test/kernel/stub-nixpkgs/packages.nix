# Packages are empty: their programs are the machine's own, in /usr/bin.
{ lib }:
let
  inherit (lib) genAttrs;

  shell = script: {
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [
      "-euc"
      script
    ];
  };

  # The phases of nixpkgs' stdenv that kernel.nix relies on, in their order.
  stdenv.mkDerivation =
    attributes:
    let
      passed = builtins.removeAttrs attributes [
        "passthru"
        "meta"
      ];
      derived = derivation (
        passed
        // {
          name = "${attributes.pname}-${attributes.version}";
          PATH = "/usr/bin:/bin";
        }
        // shell ''
          runHook() { :; }
          patchShebangs() { :; }
          cd "$NIX_BUILD_TOP"
          tar -xf "$src"
          cd linux-*
          eval "''${postPatch-}"
          eval "$configurePhase"
          [ -n "''${dontBuild-}" ] || eval "$buildPhase"
          eval "$installPhase"
        ''
      );
    in
    derived // (attributes.passthru or { }) // { meta = attributes.meta or { }; };

  fetchurl =
    { url, hash }:
    derivation (
      {
        name = baseNameOf url;
        inherit url;
        outputHash = hash;
        outputHashMode = "flat";
        outputHashAlgo = null;
      }
      // shell "echo \"the stub cannot fetch $url\" >&2; exit 1"
    );

  empty = name: derivation ({ inherit name; } // shell "echo > $out");

  packages = {
    inherit lib stdenv fetchurl;
    callPackage =
      file: arguments:
      let
        function = import file;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) packages // arguments);
    mkShell =
      { inputsFrom, packages }:
      derivation (
        {
          name = "shell";
          inherit inputsFrom packages;
        }
        // shell "exit 1"
      );
  }
  // genAttrs [ "bc" "bison" "elfutils" "flex" "ncurses" "perl" "pkg-config" "zstd" ] empty;
in
packages
