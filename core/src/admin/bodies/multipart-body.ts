import { MIMEType } from 'node:util'
import type { FormValue } from './form-body.ts'
import { maxArguments, nestPairs } from './form-body.ts'
import { HttpError } from '../http-error.ts'

/**
 * Reads a body of `multipart/form-data` (RFC 7578) as if it were a form; a file is its text.
 * @param type the whole header `Content-Type`: it holds the boundary
 * @throws HttpError 400
 */
export async function parseMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  depthLimit: number,
): Promise<Readonly<Record<string, FormValue>>> {
  if (bytes.length === 0) return {}
  checkText(bytes, type)
  const pairs = await readParts(bytes, type)
  return nestPairs(pairs, depthLimit)
}

/** Looks at it before the platform does: that one replaces what is no UTF-8, and makes an object of every part. */
function checkText(bytes: Uint8Array, type: string): void {
  const boundary = boundaryOf(type)
  const text = decode(bytes)
  // One for what stands before the first part, one for the end.
  const most = maxArguments + 2
  if (text.split(`--${boundary}`, most + 1).length > most) {
    throw new HttpError(400, 'Too many arguments')
  }
}

function boundaryOf(type: string): string {
  const boundary = readType(type).params.get('boundary')
  if (boundary === null || boundary === '') throw unreadable()
  return boundary
}

function readType(type: string): MIMEType {
  try {
    return new MIMEType(type)
  } catch (error) {
    throw unreadable(error)
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw unreadable(error)
  }
}

async function readParts(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<readonly (readonly [string, string])[]> {
  const parts = await new Response(bytes, { headers: { 'content-type': type } })
    .formData()
    .catch((error: unknown) => {
      throw unreadable(error)
    })
  const texts = [...parts].map(async ([name, value]): Promise<readonly [string, string]> => {
    return [name, typeof value === 'string' ? value : await value.text()]
  })
  return Promise.all(texts)
}

function unreadable(cause?: unknown): HttpError {
  return new HttpError(400, 'Cannot parse form body', { cause })
}
