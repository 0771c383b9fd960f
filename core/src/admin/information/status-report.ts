import { messageSchema, reads } from '../about.ts'
import type { NodeStatus } from '../deps.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { recordOf } from '../openapi/schema.ts'

const size = { type: ['string', 'integer'] }

const statusSchema = {
  ...recordOf({
    memory: recordOf({
      workers_lua_vms: {
        type: 'array',
        items: recordOf({ pid: { type: 'integer' }, http_allocated_gc: size }),
      },
      lua_shared_dicts: { type: 'object' },
      resident_bytes: { type: 'integer' },
    }),
    server: { type: 'object', additionalProperties: { type: 'integer' } },
  }),
  description: 'With `database`, or without one with `configuration_hash`.',
}

const sizeQuery = {
  unit: { enum: ['b', 'k', 'm', 'g', 'B', 'K', 'M', 'G'], default: 'm' },
  scale: { type: 'integer', default: 2, description: 'Digits after the point.' },
}

/** `/status`: how this node does. */
export const statusEndpoint: Endpoint = {
  path: '/status',
  handlers: { GET: reportStatus },
  about: reads(
    'How the node does',
    { 200: statusSchema, 400: messageSchema, 503: statusSchema },
    sizeQuery,
  ),
}

/** 503 until the listeners take traffic, so that a start script can wait for it. */
async function reportStatus({ deps, query }: Call): Promise<Answer> {
  const write = sizeWriter(query)
  const { ready, memory, ...status } = await deps.status()
  return {
    status: ready ? 200 : 503,
    body: { memory: reportMemory(memory, write), ...status },
  }
}

/** A process of ours is what a Lua VM is to Kong; the workers share no dictionaries. */
function reportMemory({ heaps, resident_bytes }: NodeStatus['memory'], write: SizeWriter) {
  return {
    workers_lua_vms: heaps.map(({ pid, heap }) => ({ pid, http_allocated_gc: write(heap) })),
    lua_shared_dicts: {},
    resident_bytes,
  }
}

/** Bytes as they are to be shown. */
type SizeWriter = (bytes: number) => string | number

const units: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  k: { name: 'KiB', bytes: 2 ** 10 },
  m: { name: 'MiB', bytes: 2 ** 20 },
  g: { name: 'GiB', bytes: 2 ** 30 },
}

/** More digits than anybody reads, and as many as Kong can write. */
const longestScale = 99

/** Reads `unit` and `scale`, the digits after the point. @throws HttpError 400 */
function sizeWriter(query: URLSearchParams): SizeWriter {
  const text = query.get('unit') ?? 'm'
  const name = text.toLowerCase()
  if (name === 'b' || name === '') return (bytes) => bytes
  const scale = readScale(query.get('scale') ?? '')
  const unit = Object.hasOwn(units, name) ? units[name] : undefined
  if (unit === undefined) {
    throw new HttpError(400, `invalid unit '${text}' (expected 'k/K', 'm/M', or 'g/G')`)
  }
  return (bytes) => `${(bytes / unit.bytes).toFixed(scale)} ${unit.name}`
}

/** What is no number is as good as absent. */
function readScale(text: string): number {
  const scale = text.trim() === '' ? NaN : Number(text)
  if (Number.isNaN(scale)) return 2
  if (scale < 0) throw new HttpError(400, 'scale must be equal or greater than 0')
  if (scale <= longestScale) return Math.floor(scale)
  throw new HttpError(400, `scale must not be greater than ${longestScale}`)
}
