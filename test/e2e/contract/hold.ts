import { expect } from 'vitest'
import { ask } from '../support/admin.ts'
import type { Answer, Json, RunningGateway } from '../support/gateway.ts'

/**
 * One rule of the Admin API's contract: its words, the request line, the body (an object is sent as JSON, a text as a
 * form), the status, and what the answer's body must have.
 */
export type Case = readonly [
  rule: string,
  line: string,
  body: Readonly<Record<string, unknown>> | string | undefined,
  status: number,
  answer?: Json,
]

/** Asks one case after the other, as they stand; every rule that does not hold is told. */
export async function hold(gateway: RunningGateway, cases: readonly Case[]): Promise<void> {
  for (const [rule, line, body, status, answer] of cases) {
    const got = await send(gateway, line, body)
    const wanted = { rule, status, ...(answer !== undefined && { body: answer }) }
    expect.soft({ rule, ...got }).toMatchObject(wanted)
  }
}

export function send(gateway: RunningGateway, line: string, body: Case[2]): Promise<Answer> {
  if (typeof body === 'string') return ask(gateway, line, body, 'application/x-www-form-urlencoded')
  if (body === undefined) return ask(gateway, line)
  return ask(gateway, line, JSON.stringify(body), 'application/json')
}

/** The answer to what the schema refuses: code 2, with every fault in the message. */
export function violation(...faults: readonly string[]): Json {
  const noun = faults.length === 1 ? 'schema violation' : `${faults.length} schema violations`
  return { code: 2, name: 'schema violation', message: `${noun} (${faults.join('; ')})` }
}

/** Bodies that a line refuses, each with what it is and every fault that the answer names. */
export function refusals(
  line: string,
  table: readonly (readonly [what: string, body: object, ...faults: string[]])[],
): readonly Case[] {
  return table.map(([what, body, ...faults]) => [
    `refused: ${what}`,
    line,
    { ...body },
    400,
    violation(...faults),
  ])
}

export const notFound = { message: 'Not found' }

export const notAllowed = { message: 'Method not allowed' }
