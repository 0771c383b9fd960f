import { describe } from 'vitest'
import { accepting } from './transport/accepting.ts'
import { chains } from './transport/chains.ts'
import { connecting } from './transport/connecting.ts'
import { encrypting } from './transport/encrypting.ts'
import { enduring } from './transport/enduring.ts'
import { peeking } from './transport/peeking.ts'
import { relaying } from './transport/relaying.ts'
import { saying } from './transport/saying.ts'
import { securing } from './transport/securing.ts'
import { handingOver, transports } from './transport/transports.ts'
import { urgent } from './transport/urgent.ts'
import { waiting } from './transport/waiting.ts'

/** What every transport has to do, over real sockets. */
describe.each(transports)('the $name transport', (transport) => {
  describe('accepting', () => {
    accepting(transport)
  })
  describe('saying', () => {
    saying(transport)
  })
  describe('peeking', () => {
    peeking(transport)
  })
  describe('connecting', () => {
    connecting(transport)
  })
  describe('waiting', () => {
    waiting(transport)
  })
  describe('relaying', () => {
    relaying(transport)
  })
  describe('securing', () => {
    securing(transport)
    chains(transport)
  })
  describe('encrypting', () => {
    encrypting(transport)
  })
  describe('enduring', () => {
    enduring(transport)
  })
  urgent(transport)
})

describe.each(handingOver)('the $name transport with TLS by Node', (transport) => {
  describe('connecting', () => {
    connecting(transport)
  })
  describe('securing', () => {
    securing(transport)
    chains(transport)
  })
})
