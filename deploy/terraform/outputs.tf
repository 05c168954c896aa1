output "url" {
  description = "Where people go."
  value       = "https://${var.host_name}"
}

output "balancer" {
  description = "What host_name must point at, if zone_id was not given."
  value       = aws_lb.people.dns_name
}

output "bucket" {
  description = "Where the photographs are."
  value       = aws_s3_bucket.photographs.id
}

output "upload_role_arn" {
  description = "The role that grants are made from."
  value       = aws_iam_role.upload.arn
}

output "server_role_arn" {
  description = "The server's own role."
  value       = aws_iam_role.server.arn
}

output "first_sign_in" {
  description = "Prints the one-time link with which the first admin chooses name and password."
  value       = "aws logs filter-log-events --log-group-name ${aws_cloudwatch_log_group.server.name} --filter-pattern '\"First sign-in\"' --query 'events[-1].message' --output text"
}
