"""The variables that well-known base images set, so that a use of another one is a mistake.

Names are those of every release that is still pulled; a name too many costs a finding, a
name too few makes a wrong one. Sources: the ENV lines of the images' own Dockerfiles.
"""

from __future__ import annotations

from scanner.model.resources import ImageReference

_SYSTEM = frozenset(("PATH",))

_IMAGES: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("alpine", "debian", "ubuntu", "busybox", "amazonlinux", "centos", "rockylinux", "almalinux",
         "archlinux", "photon", "hello-world", "buildpack-deps", "bash"),
        frozenset(("LANG", "LC_ALL", "_BASH_VERSION", "_BASH_BASELINE", "_BASH_BASELINE_PATCH",
                   "_BASH_LATEST_PATCH", "_BASH_COMMIT", "_BASH_PATCH_LEVEL", "_BASH_GPG_KEY")),
    ),
    "fedora": frozenset(("DISTTAG", "FGC", "FBR", "container")),
    "python": frozenset((
        "LANG", "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_PIP_VERSION",
        "PYTHON_SETUPTOOLS_VERSION", "PYTHON_GET_PIP_URL", "PYTHON_GET_PIP_SHA256", "PYTHON_WHEEL_VERSION")),
    "node": frozenset(("NODE_VERSION", "YARN_VERSION", "NPM_CONFIG_LOGLEVEL")),
    "golang": frozenset(("GOLANG_VERSION", "GOPATH", "GOTOOLCHAIN", "GOLANG_SRC_SHA256", "GOPROXY")),
    "ruby": frozenset((
        "LANG", "RUBY_VERSION", "RUBY_MAJOR", "RUBY_DOWNLOAD_URL", "RUBY_DOWNLOAD_SHA256", "GEM_HOME",
        "BUNDLE_SILENCE_ROOT_WARNING", "BUNDLE_APP_CONFIG", "BUNDLE_PATH", "BUNDLE_BIN", "RUBYGEMS_VERSION",
        "BUNDLER_VERSION")),
    "rust": frozenset(("RUSTUP_HOME", "CARGO_HOME", "RUST_VERSION")),
    "php": frozenset((
        "PHPIZE_DEPS", "PHP_INI_DIR", "PHP_CFLAGS", "PHP_CPPFLAGS", "PHP_LDFLAGS", "GPG_KEYS",
        "PHP_VERSION",
        "PHP_URL", "PHP_ASC_URL", "PHP_SHA256", "PHP_MD5", "PHP_EXTRA_BUILD_DEPS", "PHP_EXTRA_CONFIGURE_ARGS",
        "APACHE_CONFDIR", "APACHE_ENVVARS")),
    "nginx": frozenset((
        "NGINX_VERSION", "NJS_VERSION", "NJS_RELEASE", "PKG_RELEASE", "DYNPKG_RELEASE", "ACME_VERSION")),
    "httpd": frozenset((
        "HTTPD_PREFIX", "HTTPD_VERSION", "HTTPD_SHA256", "HTTPD_PATCHES", "APACHE_DIST_URLS")),
    "postgres": frozenset((
        "LANG", "GOSU_VERSION", "PG_MAJOR", "PG_VERSION", "PG_SHA256", "PGDATA", "DOCKER_PG_LLVM_DEPS")),
    "redis": frozenset(("GOSU_VERSION", "REDIS_VERSION", "REDIS_DOWNLOAD_URL", "REDIS_DOWNLOAD_SHA")),
    "eclipse-temurin": frozenset(("JAVA_HOME", "LANG", "LANGUAGE", "LC_ALL", "JAVA_VERSION")),
    "openjdk": frozenset((
        "JAVA_HOME", "LANG", "JAVA_VERSION", "JAVA_DEBIAN_VERSION", "JAVA_ALPINE_VERSION", "JAVA_URL",
        "JAVA_SHA256", "JAVA_BASE_URL", "JAVA_URL_VERSION")),
    "maven": frozenset((
        "MAVEN_HOME", "MAVEN_CONFIG", "MAVEN_VERSION", "USER_HOME_DIR", "JAVA_HOME", "JAVA_VERSION", "LANG",
        "LANGUAGE", "LC_ALL")),
}  # fmt: skip


def environment_of(image: ImageReference) -> frozenset[str] | None:
    """Return the names of all variables that a base image sets, None for one that is not known."""
    if image.scratch:
        return frozenset()
    registry, repository = image.registry, image.repository
    if registry is None or repository is None or registry.value not in ("docker.io", "public.ecr.aws"):
        return None
    if not isinstance(repository.value, str):
        return None
    names = _IMAGES.get(repository.value.removeprefix("docker/library/"))
    return None if names is None else names | _SYSTEM
