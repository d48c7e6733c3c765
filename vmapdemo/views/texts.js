/** Draws blocks of lines and tables from `data`; every text becomes a text node, words between backticks a <code>. */
function append(parent, text) {
  text.split("`").forEach((part, index) => {
    if (!part) return
    parent.append(index % 2 ? Object.assign(document.createElement("code"), { textContent: part }) : part)
  })
}

function element(tag, text, className) {
  const made = document.createElement(tag)
  if (className) made.className = className
  append(made, text)
  return made
}

function tableOf({ columns, rows }) {
  const rowOf = (texts, tag) => {
    const row = document.createElement("tr")
    row.append(...texts.map((text) => element(tag, text)))
    return row
  }
  const table = document.createElement("table")
  table.append(rowOf(columns, "th"), ...rows.map((row) => rowOf(row, "td")))
  const scroll = element("div", "", "scroll")
  scroll.append(table)
  return scroll
}

function blockOf(block) {
  if (block.heading) return element("h3", block.heading)
  if (block.columns) return tableOf(block)
  const lines = element("div", "", `lines ${block.kind}`)
  lines.append(...block.lines.map((line) => element("p", line)))
  return lines
}

export default function ({ data, parentElement }) {
  parentElement.querySelector(".sheet").replaceChildren(...data.blocks.map(blockOf))
}
