# Three roles:
# - upload: what grants are made from. It can add objects to the bucket, and nothing else.
# - server: what the container is. It may become the upload role, and list the bucket.
# - start: what ECS itself uses to fetch the image, write the log and read the secrets.

locals {
  names = {
    partition       = data.aws_partition.current.partition
    account         = data.aws_caller_identity.current.account_id
    bucket          = aws_s3_bucket.photographs.id
    upload_role_arn = aws_iam_role.upload.arn
    kms_key_arn     = var.kms_key_arn == null ? "" : var.kms_key_arn
  }

  trust = templatefile("${local.policies}/${var.trust_by_id ? "upload-role-trust-by-id" : "upload-role-trust"}.json", {
    partition      = data.aws_partition.current.partition
    account        = data.aws_caller_identity.current.account_id
    server_arn     = aws_iam_role.server.arn
    server_role_id = aws_iam_role.server.unique_id
  })
}

resource "aws_iam_role" "upload" {
  name                 = "${var.name}-upload"
  description          = "Sluice makes grants for browsers from it."
  assume_role_policy   = local.trust
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "upload" {
  name   = "add-objects"
  role   = aws_iam_role.upload.id
  policy = templatefile("${local.policies}/upload-role.json", local.names)
}

resource "aws_iam_role_policy" "upload_kms" {
  count = var.kms_key_arn == null ? 0 : 1

  name   = "use-key"
  role   = aws_iam_role.upload.id
  policy = templatefile("${local.policies}/upload-role-kms.json", local.names)
}

resource "aws_iam_role_policy" "upload_tags" {
  count = length(var.object_tags) == 0 ? 0 : 1

  name   = "tag-objects"
  role   = aws_iam_role.upload.id
  policy = templatefile("${local.policies}/upload-role-tags.json", local.names)
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # Only tasks of this account, so that no other one's ECS is talked into it.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "server" {
  name_prefix        = "${var.name}-server-"
  description        = "The Sluice server."
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "server" {
  name   = "grant-and-list"
  role   = aws_iam_role.server.id
  policy = templatefile("${local.policies}/server.json", local.names)
}

# What `sluice doctor` looks at besides; reading the bucket's rules, not its objects.
resource "aws_iam_role_policy" "doctor" {
  name   = "doctor"
  role   = aws_iam_role.server.id
  policy = templatefile("${local.policies}/doctor.json", local.names)
}

resource "aws_iam_role" "start" {
  name_prefix        = "${var.name}-start-"
  description        = "ECS starts the Sluice server with it."
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "start" {
  role       = aws_iam_role.start.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

locals {
  secrets = merge({ SLUICE_DATABASE_URL = aws_secretsmanager_secret.database_url.arn }, var.secrets)
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue", "ssm:GetParameters"]
    resources = values(local.secrets)
  }
}

resource "aws_iam_role_policy" "secrets" {
  name   = "secrets"
  role   = aws_iam_role.start.id
  policy = data.aws_iam_policy_document.secrets.json
}
