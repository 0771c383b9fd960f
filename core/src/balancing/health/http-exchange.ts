import type { ProbePlan } from './checks.ts'
import { answerLimit } from './expectation.ts'

/**
 * The request of a probe (RFC 9112).
 * @param host what the request is for, unless a header says it
 */
export function httpRequest({ path, headers }: ProbePlan, host: string): Buffer {
  const own = headers.map(([name, value]) => [name.toLowerCase(), `${name}: ${value}`] as const)
  const usual = Object.entries({
    host: `Host: ${host}`,
    'user-agent': 'User-Agent: kong-ts/health',
    accept: 'Accept: */*',
    connection: 'Connection: close',
  })
  const missing = usual.filter(([name]) => !own.some(([other]) => other === name))
  const lines = [`GET ${path} HTTP/1.1`, ...[...missing, ...own].map(([, line]) => oneLine(line))]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

/** Holds an answer, as it comes in, until its status is there. */
export interface StatusReader {
  /** The status; 0 when this is no answer of HTTP, undefined as long as it is not whole. */
  hear(chunk: Buffer): number | undefined
}

export function readStatus(): StatusReader {
  let heard = ''
  return {
    hear(chunk) {
      heard = (heard + chunk.toString('latin1')).slice(0, answerLimit)
      const end = heard.indexOf('\n')
      if (end !== -1) return statusIn(heard.slice(0, end))
      return heard.length < answerLimit && mayBegin(heard) ? undefined : 0
    },
  }
}

const protocol = 'HTTP/'

function mayBegin(heard: string): boolean {
  const length = Math.min(heard.length, protocol.length)
  return heard.slice(0, length) === protocol.slice(0, length)
}

function statusIn(line: string): number {
  return Number(/^HTTP\/\d(?:\.\d)? (\d{3})(?: .*)?\r?$/s.exec(line)?.[1] ?? 0)
}

/** A header is what an operator wrote, and no way to write a second one. */
function oneLine(line: string): string {
  return line.replaceAll(/[\r\n\0]+/g, ' ')
}
