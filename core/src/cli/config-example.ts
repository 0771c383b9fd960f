/** What `kong-ts config init` writes: a file that can be loaded as it is, with remarks. */
export const exampleConfig = `# The whole configuration of a node without a database (database = off), or a part of
# one for \`kong-ts config db_import\`. \`kong-ts config parse\` checks it.

# The oldest format that has everything used here. Required.
_format_version: "3.0"

# Whether values are prepared for storage; false for what db_export has written.
_transform: true

# Remarks may stand here and in every entity.
_comment: an example to begin with
_ignore:
- anything in this list is skipped

# Collections are named as in the Admin API. What belongs to an entity may stand inside it:
#
# services:
# - name: database
#   url: tcp://10.0.0.5:5432
#   tags: [example]
#   routes:
#   - name: database-tls
#     protocols: [tls]
#     snis: [database.example]
#     plugins:
#     - name: my-plugin
#       config:
#         limit: 30

# or by itself, with a reference by name or by id:
#
# routes:
# - name: database-plain
#   service: database
#   protocols: [tcp]
#   destinations:
#   - port: 5432

# certificates:
# - cert: |
#     -----BEGIN CERTIFICATE-----
#   key: |
#     -----BEGIN PRIVATE KEY-----
#   snis:
#   - name: database.example
`
