import { expect, onTestFinished, test } from 'vitest'
import { gather, startCrowdEcho } from '../bench/crowd/crowd.ts'
import { startGateway, until } from './support/gateway.ts'

/** Ten thousand of each kind: `npm run bench:crowd`. */
const crowd = 2_000

const chosen = {
  tcp: { destinations: [{ ip: '127.0.0.1' }] },
  tls: { snis: ['crowd.example'] },
}

test.each(['tls', 'tcp'] as const)(
  `${crowd} idle %s sessions that all speak at once are all answered, and nothing is left of them`,
  { timeout: 120_000 },
  async (kind) => {
    const echo = await startCrowdEcho()
    onTestFinished(() => echo.stop())
    const gateway = await startGateway()
    await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
    await gateway.create('/services/echo/routes', { protocols: [kind], ...chosen[kind] })

    const all = await gather({ port: gateway.port, kind, sessions: crowd, name: 'crowd.example' })
    expect(await all.speak()).toMatchObject({ answered: crowd, lost: 0 })
    expect(await all.speak()).toMatchObject({ answered: crowd, lost: 0 })
    await all.leave()
    await until(() => gateway.endings().length === crowd)
    const words = new Set(gateway.endings().map(({ ending }) => ending))
    expect([...words].every((word) => word.startsWith('client.'))).toBe(true)
  },
)
