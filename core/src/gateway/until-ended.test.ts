import { expect, test } from 'vitest'
import { untilEnded } from './until-ended.ts'

test('what has ended is not waited for, what never ends only for a while', async () => {
  const never = { ended: new Promise<void>(() => undefined) }
  await expect(untilEnded([{ ended: Promise.resolve() }], 60_000)).resolves.toBeUndefined()
  await expect(untilEnded([never, { ended: Promise.resolve() }], 1)).resolves.toBeUndefined()
})
