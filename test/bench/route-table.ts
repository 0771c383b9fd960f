import { performance } from 'node:perf_hooks'
import { route } from '../../core/src/routing/route.fixture.ts'
import { RouteTable } from '../../core/src/routing/route-table.ts'

/** `npm run bench:routes`: nanoseconds for a match among 10, 1,000 and 100,000 routes, best of five passes. */
const client = { address: '10.1.2.3', port: 40_000 }
const gateway = { address: '127.0.0.1', port: 5555 }
const matches = 200_000

function nanoseconds(routes: number): number {
  const table = new RouteTable()
  for (let n = 0; n < routes; n++) {
    table.put(route({ id: `route-${n}`, protocols: ['tls'], snis: [`name-${n}.example`] }))
  }
  const names = Array.from({ length: 1024 }, (_, n) => `name-${(n * 7919) % routes}.example`)
  const passes = Array.from({ length: 5 }, () => {
    const begun = performance.now()
    for (let n = 0; n < matches; n++) {
      if (!table.matchTls(client, gateway, names[n % 1024])) throw new Error('a route is missing')
    }
    return ((performance.now() - begun) * 1e6) / matches
  })
  return Math.round(Math.min(...passes))
}

for (const routes of [10, 1_000, 100_000]) {
  process.stdout.write(`${routes} routes: ${nanoseconds(routes)} ns a match\n`)
}
