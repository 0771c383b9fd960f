import { expect, test } from 'vitest'
import { componentName, operationId } from './names.ts'

test.each([
  ['services', 'Service'],
  ['ca_certificates', 'CaCertificate'],
  ['key-sets', 'KeySet'],
])('one of the %s is a %s', (collection, name) => {
  expect(componentName(collection)).toBe(name)
})

test.each([
  ['GET', '/', 'getRoot'],
  ['GET', '/services', 'getServices'],
  ['PUT', '/services/{services}/routes/{routes}', 'putServiceRoute'],
  ['POST', '/services/{services}/routes', 'postServiceRoutes'],
  ['GET', '/routes/{routes}/service', 'getRouteService'],
  ['GET', '/schemas/{name}', 'getSchema'],
  ['PUT', '/debug/node/log-level/{level}', 'putDebugNodeLogLevelByLevel'],
  [
    'PUT',
    '/upstreams/{upstreams}/targets/{targets}/{address}/healthy',
    'putUpstreamTargetByAddressHealthy',
  ],
  ['OPTIONS', '/status/ready', 'optionsStatusReady'],
  ['GET', '/openapi.json', 'getOpenapiJson'],
] as const)('%s %s is %s', (method, path, id) => {
  expect(operationId(method, path)).toBe(id)
})
