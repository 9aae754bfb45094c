// Things that belong together: a node with a `name` is said in the text, one with `links` names what it is about.
// Pointing at one lights the others, pressing it goes to them; the server is not asked for any of it.
const TIED = "[data-name], [data-links]"
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity }

function tie(element, spec) {
  if (spec.name) element.dataset.name = spec.name
  if (spec.links && spec.links.length) element.dataset.links = spec.links.join(" ")
  if (spec.pairs) element.dataset.pairs = "yes"
  if (spec.keeps !== undefined) element.dataset.keeps = spec.keeps
  if (spec.reveal) element.dataset.reveal = spec.reveal
}

function connect(root) {
  if (!root.querySelector(`${TIED}, .roams`)) return
  const bearing = new Map()
  const about = new Map()
  const add = (map, name, element) => (map.has(name) ? map.get(name).push(element) : map.set(name, [element]))
  const linked = (element) => (element.dataset.links ? element.dataset.links.split(" ") : [])
  for (const element of root.querySelectorAll("[data-name]")) add(bearing, element.dataset.name, element)
  for (const element of root.querySelectorAll("[data-links]")) for (const name of linked(element)) add(about, name, element)
  const parts = (element) => (element.dataset.name ? bearing.get(element.dataset.name) : [element])
  const others = (element) =>
    element.dataset.name ? about.get(element.dataset.name) ?? [] : linked(element).flatMap((name) => bearing.get(name) ?? [])

  const dark = () => {
    root.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"))
    globalThis.CSS?.highlights?.delete("evidence")
  }
  const light = (element) => {
    dark()
    for (const each of [...parts(element), ...others(element)]) each.classList.add("lit")
    if (element.dataset.pairs) shade(linked(element), bearing)
  }
  const go = (element) => {
    const there = others(element).filter((each) => !each.closest(".legend"))
    if (!there.length) return
    element.step = ((element.step ?? -1) + 1) % there.length // pressed again, it goes on to the next
    arrive(root, there[element.step])
  }
  root.ties = { light, dark, go }
  listen(root)
  root.querySelectorAll(".roams").forEach(roam)
  root.querySelectorAll("[data-reveal]").forEach((box) => arrive(root, (bearing.get(box.dataset.reveal) ?? [])[0]))
}

function listen(root) {
  // once for every root: what it does follows what is tied there now
  if (root.listens) return
  root.listens = true
  const tied = (event) => event.target.closest?.(TIED)
  const rest = () => { // what has the focus stays lit
    const focused = root.getRootNode().activeElement
    focused?.matches?.(TIED) && root.contains(focused) ? root.ties.light(focused) : root.ties.dark()
  }
  root.addEventListener("mouseover", (event) => { const element = tied(event); element ? root.ties.light(element) : rest() })
  root.addEventListener("mouseleave", rest)
  root.addEventListener("focusin", (event) => { const element = tied(event); if (element) root.ties.light(element) })
  root.addEventListener("focusout", () => root.ties.dark())
  root.addEventListener("click", (event) => { const element = tied(event); if (element) root.ties.go(element) })
  root.addEventListener("keydown", (event) => {
    const element = tied(event)
    if (element && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); root.ties.go(element) }
  })
}

function shade(names, bearing) {
  // the evidence of a relation: from its first end to its last one
  if (!globalThis.CSS?.highlights) return
  const ranges = []
  for (let at = 0; at + 1 < names.length; at += 2) {
    const ends = [...(bearing.get(names[at]) ?? []), ...(bearing.get(names[at + 1]) ?? [])]
    if (!bearing.has(names[at]) || !bearing.has(names[at + 1])) continue
    ends.sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))
    const range = new Range()
    range.setStartBefore(ends[0])
    range.setEndAfter(ends[ends.length - 1])
    ranges.push(range)
  }
  globalThis.CSS.highlights.set("evidence", new Highlight(...ranges))
}

function arrive(root, element) {
  root.querySelectorAll(".arrived").forEach((each) => each.classList.remove("arrived"))
  if (!element) return
  element.classList.add("arrived")
  const box = element.closest("[data-keeps]")
  if (box) {
    const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()]
    const seen = inner.top >= outer.top + 30 && inner.bottom <= outer.bottom - 8 // a table's head covers its top
    if (!seen) box.scrollTop += inner.top - outer.top - outer.height / 3
  }
  element.scrollIntoView({ block: "nearest" })
}

function roam(box) {
  // one stop for the tabulator; the arrows go on from there
  const items = [...box.querySelectorAll(`${TIED}, .pickable`)]
  const stop = (item) => items.forEach((each) => { each.tabIndex = each === item ? 0 : -1 })
  stop(items[0])
  box.addEventListener("focusin", (event) => { if (items.includes(event.target)) stop(event.target) })
  box.addEventListener("keydown", (event) => {
    const at = items.indexOf(event.target)
    if (at < 0 || !(event.key in STEPS)) return
    event.preventDefault()
    items[Math.min(items.length - 1, Math.max(0, at + STEPS[event.key]))].focus()
  })
}

function places(root) {
  // how far each box is scrolled and what in it has the focus, to be found again in a box of the same words
  const focused = root.getRootNode().activeElement
  return [...root.querySelectorAll("[data-keeps]")].map((box) => ({
    keeps: box.dataset.keeps, top: box.scrollTop,
    focus: box.contains(focused) ? [...box.querySelectorAll("[tabindex]")].indexOf(focused) : -1,
  }))
}

function restore(root, before) {
  for (const box of root.querySelectorAll("[data-keeps]")) {
    const was = before.find((each) => each.keeps === box.dataset.keeps)
    if (!was) continue
    box.scrollTop = was.top
    if (was.focus >= 0) box.querySelectorAll("[tabindex]")[was.focus]?.focus({ preventScroll: true })
  }
}
