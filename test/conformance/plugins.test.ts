import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { comparable, type Observation, type Report } from './plugins/observation.ts'
import type { Case } from './plugins/cases.ts'
import { cases } from './plugins/table.ts'
import { linesOf, stage, startWithTable, throughGateway } from './plugins/through-gateway.ts'
import { throughKit } from './plugins/through-kit.ts'
import { transports } from './transport/transports.ts'

/** One gateway for the whole table; every difference from the kit is reported, not only the first. */
test.each(transports)(
  'what a plugin does in the kit, it does in the gateway: $name',
  async ({ name }) => {
    const identity = await createSelfSigned({
      key: 'ec',
      commonName: 'bob',
      names: ['bob.example'],
      days: 1,
    })
    const gateway = await startWithTable(name)
    const staged = []
    for (const [index, each] of cases.entries())
      staged.push(await stage(gateway, each, index, identity))
    const real = await Promise.all(
      staged.map(async (each) => ({
        ...each,
        dials: await throughGateway(gateway, each, identity),
      })),
    )
    gateway.signal('SIGTERM')
    expect(await gateway.exited).toBe(0)
    for (const { each, place, dials: observed, ...rest } of real) {
      const dials = observed.map((observe) => observe())
      const lines = linesOf(gateway, { each, place, ...rest })
      const inTheKit = await throughKit(each, place, identity)
      expect.soft(alike({ dials, lines }, each), each.title).toEqual(alike(inTheKit, each))
    }
  },
)

function alike({ dials, lines }: Report, { helloOnly }: Case): unknown {
  return {
    dials: dials.map((dial: Observation) => ({
      ...dial,
      digest: comparable(dial.digest, helloOnly),
    })),
    lines: lines.map(({ level, fields, message }) => ({
      level,
      message,
      ...plain(fields, helloOnly),
    })),
  }
}

/** Without the connection's id; a digest as in the dials. */
function plain(
  { connection: _connection, digest, ...fields }: Report['lines'][number]['fields'],
  helloOnly: boolean,
): object {
  const told =
    digest === undefined
      ? fields
      : { ...fields, digest: comparable(digest as Observation['digest'], helloOnly) }
  return JSON.parse(JSON.stringify(told))
}
