# The server: one container on Fargate, without a key in any file. The SDK finds the task role by itself.

locals {
  port = 3000

  settings = merge({
    SLUICE_BUCKET         = aws_s3_bucket.photographs.id
    SLUICE_REGION         = data.aws_region.current.name
    SLUICE_ROLE_ARN       = aws_iam_role.upload.arn
    SLUICE_GRANT_SECONDS  = tostring(var.grant_seconds)
    SLUICE_PUBLIC_URL     = "https://${var.host_name}"
    SLUICE_CLIENT_ADDRESS = "x-forwarded-for"
    SLUICE_LISTEN         = "0.0.0.0:${local.port}"
    SLUICE_DATA_DIR       = "/data"
    SLUICE_LOG_FORMAT     = "json"
    },
    var.kms_key_arn == null ? {} : { SLUICE_KMS_KEY_ARN = var.kms_key_arn },
    var.storage_class == null ? {} : { SLUICE_STORAGE_CLASS = var.storage_class },
    length(var.object_tags) == 0 ? {} : { SLUICE_OBJECT_TAGS = local.object_tags },
    var.environment
  )

  object_tags = join("&", [for key, value in var.object_tags : "${urlencode(key)}=${urlencode(value)}"])
}

resource "aws_ecs_cluster" "sluice" {
  name = var.name
}

resource "aws_ecs_task_definition" "server" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.server.arn
  execution_role_arn       = aws_iam_role.start.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  # Empty at every start: what must stay is in the database and in the bucket.
  volume {
    name = "data"
  }

  container_definitions = jsonencode([{
    name                   = "sluice"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    # The server lets requests finish for 20 seconds when it is told to stop.
    stopTimeout  = 30
    portMappings = [{ containerPort = local.port, protocol = "tcp" }]
    mountPoints  = [{ sourceVolume = "data", containerPath = "/data", readOnly = false }]
    environment  = [for name in sort(keys(local.settings)) : { name = name, value = local.settings[name] }]
    secrets      = [for name in sort(keys(local.secrets)) : { name = name, valueFrom = local.secrets[name] }]

    healthCheck = {
      command     = ["CMD", "sluice", "health"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 20
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "server"
      }
    }
  }])
}

resource "aws_ecs_service" "server" {
  name            = var.name
  cluster         = aws_ecs_cluster.sluice.id
  task_definition = aws_ecs_task_definition.server.arn
  launch_type     = "FARGATE"
  desired_count   = var.servers

  # The new server answers before the old one stops. Uploads go on in any case: the bytes go to S3 by themselves.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.task_subnet_ids
    security_groups  = [aws_security_group.server.id]
    assign_public_ip = var.assign_public_ip
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.server.arn
    container_name   = "sluice"
    container_port   = local.port
  }

  depends_on = [
    aws_iam_role_policy.secrets,
    aws_iam_role_policy.server,
    aws_iam_role_policy.upload,
    aws_lb_listener.https,
    aws_secretsmanager_secret_version.database_url,
  ]
}
