/** Requests to the server: numbered, and sent again, all that are left, until the server has confirmed their number. */
const RESEND_MS = 5000

class Requests {
  constructor() {
    const bytes = crypto.getRandomValues(new Uint8Array(12))
    this.client = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
    this.last = 0
    this.waiting = []
    this.timer = 0
  }

  /** Ask for something; gives the request's number. */
  ask(request) {
    this.last += 1
    this.waiting.push({ number: this.last, ...request })
    this.send()
    return this.last
  }

  send() {
    this.trigger("requests", { client: this.client, requests: this.waiting })
    this.stop()
    this.wait()
  }

  /** Take what came from the server: the numbers that it has confirmed, and the way to it. */
  update(confirmed, trigger) {
    this.trigger = trigger
    this.confirmed = confirmed[this.client] ?? 0
    this.waiting = this.waiting.filter((request) => request.number > this.confirmed)
    this.stop()
    if (this.waiting.length) this.wait()
  }

  wait() {
    this.timer = setTimeout(() => this.send(), RESEND_MS)
  }

  /** A drawing that is gone hears of no confirmation, and would ask for ever. */
  stop() {
    clearTimeout(this.timer)
  }
}
