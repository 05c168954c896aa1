# The bucket: private, encrypted, without ACLs. Pages of one origin may talk to it.
#
# The rules are read from deploy/policies, which the server's own code writes.

locals {
  policies  = "${path.module}/../policies"
  cors      = jsondecode(templatefile("${local.policies}/cors.json", { origin = "https://${var.host_name}" })).CORSRules[0]
  lifecycle = jsondecode(file("${local.policies}/lifecycle.json")).Rules[0]
}

resource "aws_s3_bucket" "photographs" {
  bucket        = var.bucket
  force_destroy = !var.protect
}

resource "aws_s3_bucket_public_access_block" "photographs" {
  bucket                  = aws_s3_bucket.photographs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# No ACLs: whatever arrives belongs to the bucket's owner.
resource "aws_s3_bucket_ownership_controls" "photographs" {
  bucket = aws_s3_bucket.photographs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "photographs" {
  bucket = aws_s3_bucket.photographs.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "photographs" {
  bucket = aws_s3_bucket.photographs.id

  cors_rule {
    allowed_origins = local.cors.AllowedOrigins
    allowed_methods = local.cors.AllowedMethods
    allowed_headers = local.cors.AllowedHeaders
    expose_headers  = local.cors.ExposeHeaders
    max_age_seconds = local.cors.MaxAgeSeconds
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "photographs" {
  bucket = aws_s3_bucket.photographs.id

  rule {
    id     = local.lifecycle.ID
    status = local.lifecycle.Status

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = local.lifecycle.AbortIncompleteMultipartUpload.DaysAfterInitiation
    }
  }
}

# Nobody reaches it without TLS, whatever other policies say.
data "aws_iam_policy_document" "tls_only" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.photographs.arn, "${aws_s3_bucket.photographs.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "photographs" {
  bucket = aws_s3_bucket.photographs.id
  policy = data.aws_iam_policy_document.tls_only.json

  depends_on = [aws_s3_bucket_public_access_block.photographs]
}
