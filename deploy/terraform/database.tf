# The ledger: PostgreSQL. Its password is made here, goes to the database and to the secret, and into no file: the
# state of Terraform does not have it either (write-only arguments).

ephemeral "random_password" "database" {
  length = 40
  # It goes into a URL.
  special = false
}

resource "aws_db_subnet_group" "ledger" {
  name_prefix = "${var.name}-"
  subnet_ids  = var.database_subnet_ids
}

resource "aws_db_instance" "ledger" {
  identifier_prefix = "${var.name}-"
  engine            = "postgres"
  engine_version    = var.database_version
  instance_class    = var.database_class
  db_name           = "sluice"
  username          = "sluice"

  password_wo         = ephemeral.random_password.database.result
  password_wo_version = var.database_password_version

  allocated_storage     = 20
  max_allocated_storage = 200
  storage_type          = "gp3"
  storage_encrypted     = true
  multi_az              = var.database_multi_az

  db_subnet_group_name   = aws_db_subnet_group.ledger.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false

  backup_retention_period    = 14
  copy_tags_to_snapshot      = true
  auto_minor_version_upgrade = true
  deletion_protection        = var.protect
  skip_final_snapshot        = !var.protect
  final_snapshot_identifier  = "${var.name}-final"

  enabled_cloudwatch_logs_exports = ["postgresql"]
}

resource "aws_secretsmanager_secret" "database_url" {
  name_prefix             = "${var.name}-database-url-"
  description             = "Sluice's SLUICE_DATABASE_URL."
  recovery_window_in_days = var.protect ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "database_url" {
  secret_id                = aws_secretsmanager_secret.database_url.id
  secret_string_wo         = "postgres://sluice:${ephemeral.random_password.database.result}@${aws_db_instance.ledger.endpoint}/sluice?sslmode=require"
  secret_string_wo_version = var.database_password_version
}
