import { definePlugin, reject } from '@kong-ts/pdk'

export default definePlugin({
  name: 'tenant-router',
  version: '0.1.0',
  priority: 700,
  protocols: ['tls', 'tls_passthrough'],
  description: 'Sends each tenant to a service of its own, by the name that it asks for',
  schema: {
    type: 'object',
    properties: {
      domain: { type: 'string', minLength: 1, description: 'what the names end in' },
      prefix: {
        type: 'string',
        default: 'tenant-',
        description: 'what services are called before the tenant',
      },
    },
    required: ['domain'],
  },
  phases: {
    preread(conn, { config: { domain, prefix } }) {
      const tenant = tenantIn(conn.hello?.serverName ?? '', `.${domain.toLowerCase()}`)
      if (tenant === undefined) return reject(`no tenant of ${domain}`)
      if (!conn.forward({ service: prefix + tenant })) return reject(`no service for ${tenant}`)
    },
  },
})

/** The one label before the domain. */
function tenantIn(name: string, ending: string): string | undefined {
  const label = name.endsWith(ending) ? name.slice(0, -ending.length) : ''
  return label === '' || label.includes('.') ? undefined : label
}
