# `terraform test`, without an account: AWS is mocked, so only what this module itself says is looked at.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked", unique_id = "AROAMOCKED" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { id = "photographs", arn = "arn:aws:s3:::photographs" }
  }
}

mock_provider "random" {}

variables {
  bucket              = "photographs"
  image               = "registry.example/sluice:1"
  host_name           = "photos.example.org"
  certificate_arn     = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
  vpc_id              = "vpc-1"
  public_subnet_ids   = ["subnet-1", "subnet-2"]
  task_subnet_ids     = ["subnet-1"]
  database_subnet_ids = ["subnet-1", "subnet-2"]
}

run "the_upload_role_can_add_and_nothing_else" {
  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.upload.policy).Statement : statement.Action])) == toset([
      "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
    ])
    error_message = "The upload role has other rights than a grant needs."
  }
  assert {
    condition     = jsondecode(aws_iam_role.upload.assume_role_policy).Statement[0].Condition.StringLike["aws:userid"] == "AROAMOCKED:*"
    error_message = "The upload role trusts others than the server's role."
  }
}

run "only_a_role_for_tags_may_tag" {
  assert {
    condition     = length(aws_iam_role_policy.upload_tags) == 0
    error_message = "The upload role may tag objects that get no tags."
  }
}

run "tags_and_class_reach_the_server" {
  variables {
    object_tags   = { team = "Photo desk", year = "2026" }
    storage_class = "INTELLIGENT_TIERING"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.upload_tags[0].policy).Statement[0].Action == ["s3:PutObjectTagging"]
    error_message = "The upload role has another right for tags than it needs."
  }
  assert {
    condition     = strcontains(aws_ecs_task_definition.server.container_definitions, "team=Photo+desk") && strcontains(aws_ecs_task_definition.server.container_definitions, "INTELLIGENT_TIERING")
    error_message = "The server does not hear of tags or class."
  }
}

run "the_bucket_is_private" {
  assert {
    condition     = aws_s3_bucket_public_access_block.photographs.block_public_policy && aws_s3_bucket_public_access_block.photographs.restrict_public_buckets
    error_message = "The bucket could be made public."
  }
  assert {
    condition     = tolist(aws_s3_bucket_cors_configuration.photographs.cors_rule)[0].allowed_origins == toset(["https://photos.example.org"])
    error_message = "Other pages than ours may talk to the bucket."
  }
}

run "grants_longer_than_an_hour_are_refused" {
  command = plan

  variables {
    grant_seconds = 7200
  }

  expect_failures = [var.grant_seconds]
}
