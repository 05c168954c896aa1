variable "name" {
  description = "What everything is called; also a prefix of names that must be unique in the account."
  type        = string
  default     = "sluice"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "2 to 20 of a-z, 0-9 and hyphens, beginning with a letter: load balancers take no longer names."
  }
}

variable "bucket" {
  description = "The name of the bucket that is made for the photographs. Names are unique in all of AWS."
  type        = string
}

variable "kms_key_arn" {
  description = "A key of KMS that objects are encrypted with. Null: S3's own (SSE-S3), which costs nothing."
  type        = string
  default     = null
}

variable "storage_class" {
  description = "The storage class of every object, such as INTELLIGENT_TIERING. Null: S3's usual one. Galleries show nothing that is in GLACIER or DEEP_ARCHIVE."
  type        = string
  default     = null
}

variable "object_tags" {
  description = "Tags of every object, at most ten."
  type        = map(string)
  default     = {}
}

variable "image" {
  description = "The container's image, made by the Dockerfile of this repository and pushed to a registry that ECS reaches."
  type        = string
}

variable "architecture" {
  description = "What the image was built for."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "X86_64 or ARM64."
  }
}

variable "host_name" {
  description = "The name that people open, such as photos.example.org. Point it at the load balancer yourself, or give zone_id."
  type        = string
}

variable "zone_id" {
  description = "The Route 53 zone of host_name. Null: no record is made."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "A certificate of ACM for host_name, in this region."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "public_subnet_ids" {
  description = "Subnets for the load balancer, in two availability zones at least."
  type        = list(string)
}

variable "task_subnet_ids" {
  description = "Subnets for the server. It must reach S3, STS and the image's registry from there."
  type        = list(string)
}

variable "database_subnet_ids" {
  description = "Subnets for the database, in two availability zones at least."
  type        = list(string)
}

variable "assign_public_ip" {
  description = "Whether the server gets a public address: true in subnets that have no NAT gateway. Nothing may connect to it but the load balancer."
  type        = bool
  default     = false
}

variable "cpu" {
  description = "CPU units. The bytes of photographs never pass through the server, so it needs little."
  type        = number
  default     = 256
}

variable "memory" {
  description = "Memory in MiB."
  type        = number
  default     = 512
}

variable "servers" {
  description = "How many servers run side by side. They share nothing but the database."
  type        = number
  default     = 1
}

variable "database_class" {
  description = "The database's machine."
  type        = string
  default     = "db.t4g.micro"
}

variable "database_version" {
  description = "PostgreSQL's version."
  type        = string
  default     = "17"
}

variable "database_multi_az" {
  description = "Whether a second database stands by in another availability zone."
  type        = bool
  default     = false
}

variable "database_password_version" {
  description = "Count it up to give the database another password, then restart the server."
  type        = number
  default     = 1
}

variable "trust_by_id" {
  description = "Whether the upload role trusts the task role by its unique id instead of by name. A role of the same name that is made later is a stranger then."
  type        = bool
  default     = true
}

variable "grant_seconds" {
  description = "How long grants live. The task role is a role itself, so AWS allows an hour at most (role chaining)."
  type        = number
  default     = 3600

  validation {
    condition     = var.grant_seconds >= 900 && var.grant_seconds <= 3600
    error_message = "900 to 3600 seconds."
  }
}

variable "environment" {
  description = "More settings, see docs/configuration.md."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Settings that are secret: a variable's name, and the ARN of a secret in Secrets Manager or of a parameter in SSM."
  type        = map(string)
  default     = {}
}

variable "log_days" {
  description = "How long the log is kept."
  type        = number
  default     = 30
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of alarms."
  type        = list(string)
  default     = []
}

variable "protect" {
  description = "Whether the bucket and the ledger survive `terraform destroy`. False is for trying things out."
  type        = bool
  default     = true
}
