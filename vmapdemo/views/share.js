/** Copies the address; where the browser does not let a page copy (plain http, an insecure frame), shows it selected. */
export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root")
  root.query = data.query
  if (root.firstChild) return
  const button = make("button", { type: "button", textContent: data.label })
  const status = make("span", { className: "status" })
  status.setAttribute("role", "status")
  const field = make("input", { type: "text", readOnly: true, hidden: true })
  field.setAttribute("aria-label", "the link to share")
  field.addEventListener("keydown", (event) => event.stopPropagation())

  const say = (text) => {
    const { length } = addressToShare(root.query)
    status.textContent = length > data.long ? `${text} It is ${length.toLocaleString("en")} characters long: some chat programs cut it.` : text
    setTimeout(() => { status.textContent = "" }, 8000)
  }
  const select = () => {
    field.value = addressToShare(root.query)
    field.hidden = false
    field.focus()
    field.select()
    say("Copy the selected link.")
  }
  button.addEventListener("click", () => {
    field.hidden = true
    if (!navigator.clipboard) return select()
    navigator.clipboard.writeText(addressToShare(root.query)).then(() => say("Link copied."), select)
  })
  field.addEventListener("blur", () => { field.hidden = true })
  root.append(button, field, status)
}
