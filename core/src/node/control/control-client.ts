import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { codeOf } from '../../errors/code-of.ts'
import { CommandError } from '../../errors/command-error.ts'
import { messageOf } from '../../errors/message-of.ts'
import { findControlPath } from './control-path.ts'

/** A reload waits for every plugin's `setup`; in milliseconds. */
const patience = 60_000

/**
 * Asks the node that runs in the prefix, and gives its JSON answer.
 * @throws CommandError `NOT_RUNNING` when nobody listens, `REFUSED` with the node's own words
 */
export async function callControl(
  prefix: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options: { readonly patience: number } = { patience },
): Promise<unknown> {
  const call = request({
    socketPath: findControlPath(prefix),
    method,
    path,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(options.patience),
  })
  call.end(body === undefined ? undefined : JSON.stringify(body))
  try {
    const response = await responseTo(call)
    const answer = await json(response)
    if (response.statusCode !== undefined && response.statusCode < 300) return answer
    throw new CommandError('REFUSED', messageIn(answer))
  } catch (error) {
    throw explain(error, prefix)
  }
}

function responseTo(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve)
    call.once('error', reject)
  })
}

const nobody = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

function explain(error: unknown, prefix: string): Error {
  if (error instanceof CommandError) return error
  if (nobody.has(codeOf(error))) {
    return new CommandError('NOT_RUNNING', `kong-ts is not running at ${prefix}`, { cause: error })
  }
  const message = `cannot talk to kong-ts at ${prefix}: ${messageOf(error)}`
  return new CommandError('REFUSED', message, { cause: error })
}

function messageIn(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'message' in answer) {
    return String(answer.message)
  }
  return JSON.stringify(answer)
}
