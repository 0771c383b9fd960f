import { authority, rsaCert, rsaKey } from '../../../core/src/entities/pem.fixture.ts'
import type { Json, RunningGateway } from '../support/gateway.ts'
import { send } from './hold.ts'

/** A field of a schema as Kong's clients read it: `[{ name: { type, default, fields, … } }]`. */
type Fields = readonly Readonly<Record<string, Json>>[]

/** The order in which a declarative client creates; it deletes the other way round. */
export const order = ['certificates', 'ca_certificates', 'services', 'snis', 'routes', 'plugins']

/** An id that a client has thought up. */
export const id = (digit: number): string =>
  `${String(digit).repeat(8)}-0000-4000-8000-000000000000`

const tags = ['managed', 'team a']

const service = {
  id: id(3),
  name: 'db',
  host: 'db.test',
  port: 5432,
  protocol: 'tls',
  client_certificate: { id: id(1) },
  ca_certificates: [id(2)],
  tags,
}

const route = {
  id: id(5),
  name: 'db',
  protocols: ['tcp', 'tls'],
  snis: ['db.test'],
  destinations: [{ port: 5432 }],
  service: { id: id(3) },
  tags,
}

/** What a declarative client wants to be there, filled with the defaults that the schemas tell it. */
export async function target(gateway: RunningGateway): Promise<Readonly<Record<string, Json[]>>> {
  const scoped = { route: { id: id(5) } }
  const below = { service: { id: id(3) } }
  return {
    certificates: [{ id: id(1), cert: rsaCert, key: rsaKey, tags }],
    ca_certificates: [{ id: id(2), cert: authority, tags }],
    services: [{ ...defaultsOf(await fieldsOf(gateway, 'services')), ...service }],
    snis: [{ id: id(4), name: 'db.test', certificate: { id: id(1) }, tags }],
    routes: [{ ...defaultsOf(await fieldsOf(gateway, 'routes')), ...route }],
    plugins: [
      { id: id(6), ...scoped, ...(await plugin(gateway, 'ip-restriction', { allow: ['::1'] })) },
      { id: id(7), ...below, ...(await plugin(gateway, 'file-log', { path: '/dev/null' })) },
      { id: id(8), ...(await plugin(gateway, 'tcp-log', { host: 'log.test', port: 1 })) },
    ],
  }
}

/** What a client sees of a row: not what the gateway adds, and no field that is null. */
export function seen(row: Json): Json {
  const added = /^(created_at|updated_at|cert_digest)$/
  const own = Object.entries(row).filter(([name, value]) => value !== null && !added.test(name))
  return Object.fromEntries(own)
}

async function plugin(gateway: RunningGateway, name: string, config: Json): Promise<Json> {
  const fields = Object.assign({}, ...(await fieldsOf(gateway, `plugins/${name}`)))
  return {
    name,
    tags,
    enabled: true,
    protocols: fields.protocols.default,
    config: complete(fields.config.fields, config),
  }
}

async function fieldsOf(gateway: RunningGateway, schema: string): Promise<Fields> {
  return (await send(gateway, `GET /schemas/${schema}`, undefined)).body.fields
}

/** Defaults only: what has none, or null, is left out. */
function defaultsOf(fields: Fields): Json {
  const told = fields.flatMap((field) => Object.entries(field))
  const given = told.filter(([, { default: value = null }]) => value !== null)
  return Object.fromEntries(given.map(([name, field]) => [name, field.default]))
}

/** A record with all its fields: the default where nothing is given, and null where there is none. */
function complete(fields: Fields, given: Json): Json {
  const told = fields.flatMap((field) => Object.entries(field))
  const filled = told.map(([name, field]) => [name, filledField(field, given[name])])
  return { ...given, ...Object.fromEntries(filled) }
}

function filledField({ type, required, fields, default: value = null }: Json, own: Json): Json {
  const record = type === 'record' && (required === true || own !== undefined)
  return record ? complete(fields, own ?? {}) : (own ?? value)
}
