import { messageOf } from '../../errors/message-of.ts'
import { checkDocument } from '../../declarative/read-text.ts'
import { isFields } from '../../entities/fields.ts'
import type { Fields } from '../../entities/fields.ts'
import type { RawBody } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { parseMultipart } from '../bodies/multipart-body.ts'

/** What is to be loaded, and how. */
export interface ConfigRequest {
  readonly document: string | Fields
  readonly checkHash: boolean
  readonly flattenErrors: boolean
}

/** The parts of a form are few: a file, and how to load it. */
const formDepth = 2

/**
 * Reads the body of `POST /config`: an object of entities, an object or a form with a text under `config`, or the text
 * itself.
 * @throws HttpError 400
 */
export async function readConfigRequest(
  raw: RawBody | undefined,
  query: URLSearchParams,
): Promise<ConfigRequest> {
  const text = raw === undefined ? '' : decode(raw.bytes)
  const { document, fields } = await readBody(raw?.type ?? '', text, raw)
  if (document === '') throw new HttpError(400, 'expected a declarative configuration')
  const said = (name: string) => query.get(name) ?? fields[name]
  return {
    document,
    checkHash: String(said('check_hash')) === '1',
    flattenErrors: isTrue(said('flatten_errors')),
  }
}

interface Read {
  readonly document: string | Fields
  /** What was said beside the document. */
  readonly fields: Fields
}

async function readBody(type: string, text: string, raw: RawBody | undefined): Promise<Read> {
  const [kind = ''] = type.split(';')
  const name = kind.trim().toLowerCase()
  if (raw !== undefined && name === 'multipart/form-data') {
    const fields = await parseMultipart(raw.bytes, type, formDepth)
    return { document: textOf(fields['config']), fields }
  }
  if (name === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text)
    const fields = Object.fromEntries(form)
    // Sent by a client that calls every body a form, as curl does.
    return { document: form.get('config') ?? text, fields }
  }
  if (name === 'application/json' && text !== '') return readJson(text)
  return { document: text, fields: {} }
}

/** Kong takes an object for the configuration when it says its format, and reads it as text otherwise. */
function readJson(text: string): Read {
  const value = parse(text)
  if (!isFields(value)) throw unreadable()
  const { check_hash, flatten_errors, ...rest } = value
  const fields = { check_hash, flatten_errors }
  const { config } = rest
  if (typeof config === 'string' && !Object.hasOwn(rest, '_format_version')) {
    return { document: config, fields }
  }
  checkDocument(rest)
  return { document: rest, fields }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(error)
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isTrue(value: unknown): boolean {
  return ['true', '1', 'on', 'yes'].includes(String(value).toLowerCase())
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new HttpError(400, `expected a declarative configuration: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function unreadable(cause?: unknown): HttpError {
  return new HttpError(400, 'Cannot parse JSON body', { cause })
}
