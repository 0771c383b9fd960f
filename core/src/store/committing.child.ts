/** A process of the kill test: commits in a loop and says on standard output what is durable. */
import { writeSync } from 'node:fs'
import { openStore } from './open-store.ts'
import { delta, put, remove, route, service } from './store-rows.ts'

const prefix = process.argv[2] ?? ''
const store = await openStore({ kind: 'embedded', prefix })
let { revision } = await store.load()
for (;;) {
  const next = revision + 1
  const id = `s${String(next).padStart(8, '0')}`
  const old = `r${String(next - 3).padStart(8, '0')}`
  await store.commit(
    delta(
      revision,
      put('services', service(id)),
      put('routes', route(id.replace('s', 'r'), id)),
      remove('routes', old),
    ),
  )
  revision = next
  writeSync(1, `${revision}\n`)
}
