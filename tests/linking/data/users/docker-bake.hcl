variable "REGISTRY" { default = "ghcr.io/shop" }
target "web" {
  context = "images/unprivileged"
  tags    = ["${REGISTRY}/web:1.0"]
}
target "worker" {
  context = "images/flavour"
  args    = { FLAVOUR = "prod" }
  tags    = ["${REGISTRY}/worker:1.0"]
}
