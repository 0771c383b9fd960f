import { expect, test } from 'vitest'
import { checkAlone } from './check-alone.ts'
import { testContext } from './world.fixture.ts'

const id = '7fca84d6-7d37-4a74-a7b0-93e576089a41'

test.each([{ id }, { name: 'nobody' }, null])('what %j refers to counts as there', (service) => {
  const body = { protocols: ['tcp'], sources: [{ port: 1 }], service }
  expect(() => checkAlone(testContext(), 'routes', body)).not.toThrow()
})

test.each([{ name: 1 }, { nope: 'x' }, 'x'])('%j refers to nothing', (service) => {
  const body = { protocols: ['tcp'], sources: [{ port: 1 }], service }
  expect(() => checkAlone(testContext(), 'routes', body)).toThrow(/^(2 )?schema violation/)
})
