// An order-to-cash integration in Node.js: it is told of changes by webhook, and calls the systems with fetch.
//
// It knows nothing of Tieout, and needs nothing but Node.js 20 or newer. CRM_URL, BILLING_URL, ERP_URL and REVENUE_URL
// say where the systems are, API_KEY what to call them with, PORT where to listen (0: any; it prints which).
//
// Everything that it does may be done again: each write has a key that follows from what it is about, what was dealt
// with is known by the event's id, and what cannot be done now is refused, so that it is told again.

import { createServer } from 'node:http'

const KEY = process.env.API_KEY ?? 'sk_test_tieout'
const URLS = Object.fromEntries(
  ['crm', 'billing', 'erp', 'revenue'].map((system) => [system, process.env[`${system.toUpperCase()}_URL`]]),
)
const ATTEMPTS = 4
const TIMEOUT_MS = 5_000

const done = new Set() // the ids of the events that were dealt with; a real one keeps them in its database
const turns = new Map() // one event of a contract at a time

class Refused extends Error {
  constructor(status, code) {
    super(`${status} ${code}`)
    this.status = status
    this.code = code
  }
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What a system answers. Tries again what may succeed later: no answer, 429, 5xx. */
async function ask(system, method, path, { key, body } = {}) {
  const headers = { authorization: `Bearer ${KEY}` }
  if (key) headers['idempotency-key'] = key
  if (body) headers['content-type'] = 'application/json'
  for (let attempt = 1; ; attempt++) {
    let status = 0
    let code = 'no_answer'
    try {
      const answer = await fetch(URLS[system] + path, {
        method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const said = await answer.json()
      if (answer.ok) return said
      status = answer.status
      code = said.code ?? ''
    } catch (error) {
      if (!(error instanceof TypeError) && error.name !== 'TimeoutError') throw error
    }
    const later = status === 0 || status === 429 || status >= 500
    if (!later || attempt === ATTEMPTS) throw new Refused(status, code)
    await wait(20 * 2 ** attempt)
  }
}

/** The first record that a system finds, or undefined. */
async function first(system, path, query) {
  return (await ask(system, 'GET', `${path}?${new URLSearchParams(query)}`)).data[0]
}

/** The id of an account's customer, which is made if there is none. */
async function customer(system, account) {
  const found = await first(system, '/customers', { account: account.key })
  if (found) return found.id
  const body = { account: account.key, name: account.name, party: account.party }
  if (system === 'erp') body.external_id = account.key
  return (await ask(system, 'POST', '/customers', { key: `customer:${account.key}`, body })).id
}

async function accountOpened(account) {
  await Promise.all([customer('billing', account), customer('erp', account)])
}

/** The contract's copies in billing, ERP and revenue, at this version or a newer one. */
async function contractChanged(state) {
  const version = state.versions.at(-1).number
  const account = await ask('crm', 'GET', `/accounts/${state.account}`)
  for (const [system, path] of [['billing', '/subscriptions'], ['erp', '/orders'], ['revenue', '/contracts']]) {
    const key = `contract:${state.key}:${version}`
    const copy = await first(system, path, { contract: state.key })
    if (!copy) {
      const body = { state }
      if (system !== 'revenue') body.customer = await customer(system, account)
      if (system === 'erp') body.external_id = state.key
      await ask(system, 'POST', path, { key, body })
    } else if (copy.version < version) {
      await ask(system, 'PUT', `${path}/${copy.id}`, { key, body: { state, if_revision: copy.revision } })
    }
  }
}

/** Posts to ERP in the period of a day or, once that is closed, in that of the event's own time. */
async function post(path, body, day, today) {
  try {
    await ask('erp', 'POST', path, { body: { ...body, posting_day: day } })
  } catch (error) {
    if (error.code !== 'period_closed') throw error
    await ask('erp', 'POST', path, { body: { ...body, posting_day: today } })
  }
}

async function documentIssued(document, today) {
  const { id, account, contract, currency, total_minor, day } = document
  await post('/documents', { document: id, external_id: id, account, contract, currency, total_minor, day }, day, today)
  await ask('revenue', 'POST', '/billings', {
    key: `document:${id}`, body: { document: id, contract, total_minor },
  })
}

async function revenueRecognised(recognition, today) {
  const { id, contract, currency, month, amounts, total_minor } = recognition
  const [year, number] = month.split('-').map(Number)
  const day = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10)
  const postings = [
    { account: '2400 contract liability', subject: contract, minor: total_minor },
    ...amounts.map(({ product, minor }) => ({ account: `4000 revenue ${product}`, subject: contract, minor: -minor })),
  ]
  const entry = { reference: id, external_id: id, contract, currency, effective_day: day, postings }
  await post('/journal-entries', entry, day, today)
}

const HANDLERS = {
  'tieout.crm.account_opened': accountOpened,
  'tieout.crm.contract_signed': contractChanged,
  'tieout.crm.contract_amended': contractChanged,
  'tieout.crm.contract_cancelled': contractChanged,
  'tieout.billing.invoice_issued': documentIssued,
  'tieout.billing.credit_memo_issued': documentIssued,
  'tieout.revenue.revenue_recognised': revenueRecognised,
}

/** Deals with an event once those about the same contract before it are over; the status to answer with. */
async function told(event) {
  const handler = HANDLERS[event.type]
  if (!handler || done.has(event.id)) return 200
  if (event.data === null) return 503
  const key = event.data.contract ?? event.key
  const before = turns.get(key) ?? Promise.resolve()
  const turn = before.then(() => handler(event.data, event.time.slice(0, 10)))
  turns.set(key, turn.catch(() => {}))
  try {
    await turn
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error)
    return 503
  }
  done.add(event.id)
  return 200
}

const server = createServer(async (request, response) => {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  const known = request.method === 'POST' && request.url.startsWith('/webhooks/')
  response.writeHead(known ? await told(JSON.parse(Buffer.concat(pieces))) : 404)
  response.end()
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }))
})
process.on('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
