# The smallest installation: the account's default network, no NAT gateway.

terraform {
  required_version = ">= 1.11"
}

provider "aws" {
  region = "eu-central-1"
}

variable "image" {
  description = "The image that was pushed."
  type        = string
}

variable "certificate_arn" {
  description = "A certificate for the host name."
  type        = string
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

module "sluice" {
  source = "../"

  bucket          = "my-photographs"
  image           = var.image
  host_name       = "photos.example.org"
  certificate_arn = var.certificate_arn

  vpc_id              = data.aws_vpc.default.id
  public_subnet_ids   = data.aws_subnets.default.ids
  task_subnet_ids     = data.aws_subnets.default.ids
  database_subnet_ids = data.aws_subnets.default.ids
  assign_public_ip    = true
}

output "url" {
  value = module.sluice.url
}

output "balancer" {
  value = module.sluice.balancer
}

output "first_sign_in" {
  value = module.sluice.first_sign_in
}
