import type { Schema } from '@kong-ts/pdk'
import { beyondKong } from './beyond-kong.ts'

const kind = {
  type: 'string',
  enum: ['tcp', 'http', 'https', 'grpc', 'grpcs'],
  default: 'http',
} as const

const seconds = { type: 'number', minimum: 0, maximum: 65_535 } as const
const count = { type: 'integer', minimum: 0, maximum: 255, default: 0 } as const

const bytes = { type: 'string', format: 'byte-text', maxLength: 4096 } as const

const defaults = {
  active: {
    type: 'http',
    timeout: 1,
    concurrency: 10,
    http_path: '/',
    https_verify_certificate: true,
    healthy: { interval: 0, http_statuses: [200, 302], successes: 0 },
    unhealthy: {
      interval: 0,
      http_statuses: [429, 404, 500, 501, 502, 503, 504, 505],
      tcp_failures: 0,
      timeouts: 0,
      http_failures: 0,
    },
  },
  passive: {
    type: 'http',
    healthy: {
      http_statuses: [
        200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307,
        308,
      ],
      successes: 0,
    },
    unhealthy: { http_statuses: [429, 500, 503], tcp_failures: 0, timeouts: 0, http_failures: 0 },
  },
}

/** How the health of the targets of an upstream is found out; intervals and timeouts in seconds, 0 is off. */
export const healthchecks = {
  type: 'object',
  description: 'How the health of its targets is found out; an interval of 0 is off.',
  default: defaults,
  properties: {
    active: {
      type: 'object',
      default: defaults.active,
      properties: {
        type: { ...kind, enum: [...kind.enum, 'tls'] },
        timeout: { ...seconds, default: 1 },
        concurrency: { type: 'integer', minimum: 1, maximum: 2 ** 31, default: 10 },
        http_path: { type: 'string', format: 'path', default: '/' },
        https_sni: { type: 'string', format: 'sni' },
        https_verify_certificate: { type: 'boolean', default: true },
        headers: {
          type: 'object',
          additionalProperties: { type: 'array', items: { type: 'string' } },
        },
        send: beyondKong({
          ...bytes,
          description:
            'What a tcp or tls probe says; \\r, \\n, \\t, \\0, \\\\ and \\xHH stand for bytes.',
        }),
        expect: beyondKong({
          ...bytes,
          description: 'What the answer to a tcp or tls probe begins with; written as in send.',
        }),
        expect_regex: beyondKong({
          type: 'string',
          format: 'byte-regex',
          maxLength: 1024,
          description:
            'What the first 4096 bytes of the answer to a tcp or tls probe match, read as Latin-1.',
        }),
        jitter: beyondKong({
          type: 'number',
          minimum: 0,
          maximum: 1,
          description:
            'The share of the interval by which probes are moved at random; 0.1 if not set.',
        }),
        healthy: record(defaults.active.healthy, {
          interval: { ...seconds, default: 0 },
          http_statuses: statuses(defaults.active.healthy.http_statuses),
          successes: count,
        }),
        unhealthy: record(defaults.active.unhealthy, {
          interval: { ...seconds, default: 0 },
          ...failures(defaults.active.unhealthy.http_statuses),
        }),
      },
      required: ['https_verify_certificate'],
    },
    passive: record(defaults.passive, {
      type: kind,
      healthy: record(defaults.passive.healthy, {
        http_statuses: statuses(defaults.passive.healthy.http_statuses),
        successes: count,
      }),
      unhealthy: record(
        defaults.passive.unhealthy,
        failures(defaults.passive.unhealthy.http_statuses),
      ),
    }),
    threshold: { type: 'number', minimum: 0, maximum: 100, default: 0 },
  },
} as const satisfies Schema

function record<P extends Readonly<Record<string, Schema>>>(whole: object, properties: P) {
  return { type: 'object', default: whole, properties } as const
}

function statuses(defaulted: readonly number[]) {
  return {
    type: 'array',
    items: { type: 'integer', minimum: 100, maximum: 999 },
    default: defaulted,
  } as const
}

function failures(defaulted: readonly number[]) {
  return {
    http_statuses: statuses(defaulted),
    tcp_failures: count,
    timeouts: count,
    http_failures: count,
  } as const
}
