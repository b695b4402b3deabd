# One Linux kernel, built in, without modules: bzImage, System.map, config and the version in a directory.
#
# The same source, configuration and nixpkgs give the same bytes: time, user, host and build number are fixed, nothing
# is signed with a made-up key, no debug information holds a path.
{
  lib,
  stdenv,
  fetchurl,
  bc,
  bison,
  elfutils,
  flex,
  perl,
  pkg-config,
  zstd,

  # Linux 6.12 LTS or later: 6.1 has no TDX guest driver, no quotes through configfs, no measurement by its EFI stub.
  kernelVersion ? "6.12.117",
  # Replace the hash by the one that the first `nix build` prints, after comparing it with kernel.org's signed sums.
  kernelSource ? fetchurl {
    url = "mirror://kernel/linux/kernel/v${lib.versions.major kernelVersion}.x/linux-${kernelVersion}.tar.xz";
    hash = lib.fakeHash;
  },
  kernelPatches ? [ ],
  baseConfig ? ./base.config,
  fragments ? [ ],
}:

assert lib.assertMsg (lib.versionAtLeast kernelVersion "6.12")
  "TDX guests need Linux 6.12 or later, this is ${kernelVersion}";

let
  scripts = builtins.path {
    name = "kernel-scripts";
    path = ./.;
    filter = path: type: type == "regular" && lib.hasSuffix ".sh" path;
  };

  common = {
    version = kernelVersion;
    src = kernelSource;
    patches = kernelPatches;

    nativeBuildInputs = [
      bc
      bison
      elfutils
      flex
      perl
      pkg-config
      zstd
    ];

    ARCH = "x86_64";
    KBUILD_BUILD_TIMESTAMP = "Thu Jan  1 00:00:00 UTC 1970";
    KBUILD_BUILD_USER = "nixbuild";
    KBUILD_BUILD_HOST = "nixbuilder";
    KBUILD_BUILD_VERSION = "1";

    # The kernel chooses its own hardening flags, and nothing of the result is for the build machine.
    hardeningDisable = [ "all" ];
    dontStrip = true;
    dontFixup = true;
    enableParallelBuilding = true;

    postPatch = ''
      patchShebangs scripts tools
    '';

    # Fails if an option of base or fragments does not survive `make olddefconfig`.
    configurePhase = ''
      runHook preConfigure
      sh ${scripts}/configure.sh . . ${lib.concatMapStringsSep " " (file: "${file}") ([ baseConfig ] ++ fragments)}
      runHook postConfigure
    '';
  };

  configuration = stdenv.mkDerivation (
    common
    // {
      pname = "linux-tdx-config";
      dontBuild = true;
      installPhase = ''
        runHook preInstall
        install -m 444 .config $out
        runHook postInstall
      '';
    }
  );
in
stdenv.mkDerivation (
  common
  // {
    pname = "linux-tdx";

    buildPhase = ''
      runHook preBuild
      make -j''${NIX_BUILD_CORES:-1} bzImage
      runHook postBuild
    '';

    installPhase = ''
      runHook preInstall
      mkdir -p $out
      install -m 444 arch/x86/boot/bzImage System.map $out/
      install -m 444 .config $out/config
      make -s kernelrelease > $out/version
      runHook postInstall
    '';

    passthru = {
      inherit configuration;
    };

    meta = {
      description = "Linux guest kernel for Intel TDX VMs, without modules";
      license = lib.licenses.gpl2Only;
      platforms = [ "x86_64-linux" ];
    };
  }
)
