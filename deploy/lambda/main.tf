# Sluice as a function: presigned URLs from an HTTP API, with the same image as everywhere.
#
# The bucket and the PostgreSQL database are there already. docs/deployment.md leads through it; the policies are read
# from deploy/policies, which the server's own code writes.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.90, < 7.0"
    }
  }
}

variable "name" {
  description = "What everything is called."
  type        = string
  default     = "sluice-presign"
}

variable "image" {
  description = "The container's image, made by the Dockerfile of this repository and pushed to a registry of ECR in this region."
  type        = string
}

variable "architecture" {
  description = "What the image was built for."
  type        = string
  default     = "x86_64"
}

variable "bucket" {
  description = "The bucket."
  type        = string
}

variable "database_url" {
  description = "The PostgreSQL database, as for SLUICE_DATABASE_URL."
  type        = string
  sensitive   = true
}

variable "public_url" {
  description = "Where people reach it, such as https://photos.example.org. Null: only programs do."
  type        = string
  default     = null
}

variable "presign_only" {
  description = "Whether it only presigns, and may do nothing else. False: it may list, read and delete as a server does, for who closes batches or opens pages by it."
  type        = bool
  default     = true
}

variable "schedule" {
  description = "How often it does what a server does beside requests: it closes abandoned batches, delivers webhooks and sweeps. Null: never, because a server on the same database does. With presign_only it never does, because it may not."
  type        = string
  default     = "rate(5 minutes)"
}

variable "subnet_ids" {
  description = "Subnets that the database is reached from, and STS and S3 by a NAT gateway or endpoints. None: outside of any network."
  type        = list(string)
  default     = []
}

variable "security_group_ids" {
  description = "Security groups of the function in these subnets."
  type        = list(string)
  default     = []
}

variable "concurrency" {
  description = "How many instances there are at most. Each has its own connections to the database."
  type        = number
  default     = 10
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  policies = "${path.module}/../policies"

  # What becomes of batches only whoever may list the bucket can tell.
  rounds = !var.presign_only && var.schedule != null ? 1 : 0

  names = {
    partition       = data.aws_partition.current.partition
    account         = data.aws_caller_identity.current.account_id
    bucket          = var.bucket
    upload_role_arn = aws_iam_role.upload.arn
  }
}

# What the function is. It may become the upload role; and do what a server does, if it is to.
resource "aws_iam_role" "server" {
  name_prefix = "${var.name}-"
  description = "The Sluice function."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "server" {
  name   = "grant"
  role   = aws_iam_role.server.id
  policy = templatefile("${local.policies}/${var.presign_only ? "presign" : "server"}.json", local.names)
}

# The log; and the network's interfaces, only if it is in one.
resource "aws_iam_role_policy_attachment" "start" {
  role       = aws_iam_role.server.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${length(var.subnet_ids) > 0 ? "AWSLambdaVPCAccessExecutionRole" : "AWSLambdaBasicExecutionRole"}"
}

# What URLs are signed with. It can add objects to the bucket, and nothing else.
resource "aws_iam_role" "upload" {
  name_prefix          = "${var.name}-upload-"
  description          = "Sluice signs URLs with it."
  max_session_duration = 3600

  assume_role_policy = templatefile("${local.policies}/upload-role-trust-by-id.json", {
    partition      = data.aws_partition.current.partition
    account        = data.aws_caller_identity.current.account_id
    server_role_id = aws_iam_role.server.unique_id
  })
}

resource "aws_iam_role_policy" "upload" {
  name   = "add-objects"
  role   = aws_iam_role.upload.id
  policy = templatefile("${local.policies}/upload-role.json", local.names)
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

resource "aws_lambda_function" "server" {
  function_name                  = var.name
  role                           = aws_iam_role.server.arn
  package_type                   = "Image"
  image_uri                      = var.image
  architectures                  = [var.architecture]
  memory_size                    = 512
  timeout                        = local.rounds > 0 ? 300 : 29
  reserved_concurrent_executions = var.concurrency

  environment {
    variables = merge({
      SLUICE_BUCKET       = var.bucket
      SLUICE_REGION       = data.aws_region.current.name
      SLUICE_ROLE_ARN     = aws_iam_role.upload.arn
      SLUICE_DATABASE_URL = var.database_url
      SLUICE_LOG_FORMAT   = "json"
    }, var.public_url == null ? {} : { SLUICE_PUBLIC_URL = var.public_url })
  }

  dynamic "vpc_config" {
    for_each = length(var.subnet_ids) > 0 ? [1] : []

    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  depends_on = [aws_cloudwatch_log_group.server, aws_iam_role_policy.server, aws_iam_role_policy_attachment.start]
}

# Every path, to the stage without a name.
resource "aws_apigatewayv2_api" "people" {
  name          = var.name
  protocol_type = "HTTP"
  target        = aws_lambda_function.server.arn
}

resource "aws_lambda_permission" "people" {
  statement_id  = "http-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.server.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.people.execution_arn}/*"
}

# Time for a round. The event is the rule's own; it says what it is.
resource "aws_cloudwatch_event_rule" "round" {
  count = local.rounds

  name                = "${var.name}-round"
  description         = "What Sluice does beside requests."
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "round" {
  count = local.rounds

  rule = aws_cloudwatch_event_rule.round[0].name
  arn  = aws_lambda_function.server.arn
}

resource "aws_lambda_permission" "round" {
  count = local.rounds

  statement_id  = "round"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.server.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.round[0].arn
}

output "url" {
  description = "Where it answers."
  value       = aws_apigatewayv2_api.people.api_endpoint
}
