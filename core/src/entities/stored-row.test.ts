import { expect, test } from 'vitest'
import { EntitySet } from './entity-set.ts'
import { planCreate } from './plan.ts'
import { faultOfStored } from './stored-row.ts'
import { testContext } from './world.fixture.ts'

const made = planCreate(EntitySet.empty(), testContext(), 'routes', {
  protocols: ['tcp'],
  sources: [{ ip: '10.0.0.0/8' }],
}).result

test('what was written is in order, and what an older gateway did not know may be absent', () => {
  expect(faultOfStored('routes', made)).toBeUndefined()
  const { path_handling: _, ...older } = made
  expect(faultOfStored('routes', older)).toBeUndefined()
})

test.each([
  [{ protocols: null }, 'protocols is missing'],
  [{ protocols: 'tcp' }, 'protocols is no list'],
  [{ protocols: ['smoke'] }, 'protocols has an element that is none of its choices'],
  [{ protocols: [null] }, 'protocols has an element that is missing'],
  [{ preserve_host: 1 }, 'preserve_host is no boolean'],
  [{ name: {} }, 'name is no text'],
  [{ regex_priority: 'x' }, 'regex_priority is no number'],
  [{ regex_priority: 0.5 }, 'regex_priority is no whole number'],
  [{ https_redirect_status_code: 9 }, 'https_redirect_status_code is none of its choices'],
  [{ service: 'db' }, 'service is no object'],
  [{ sources: ['10.0.0.1'] }, 'sources has an element that is no object'],
  [
    { sources: [{ ip: 'nonsense' }] },
    "sources has an element that has ip, which is wrong: invalid ip or cidr range: 'nonsense'",
  ],
  [
    { sources: [{ ip: null, port: 70_000 }] },
    'sources has an element that has port, which is out of range',
  ],
])('an edit by hand, %o, is found', (edit, fault) => {
  expect(faultOfStored('routes', { ...made, ...edit })).toBe(fault)
})
