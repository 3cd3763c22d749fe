// Keeps the lists of safety flags fresh, so that nobody has to load the page again to see that somebody is at risk.
// `x-background` says that no person asked: it does not keep a session alive.
const EVERY_MS = 2000
const OPEN = 'pipeline-flags--open'

async function refresh () {
  const address = document.getElementById('flags').dataset.refresh
  const answer = await fetch(address, { headers: { 'x-background': '1' }, redirect: 'error' })
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const id of ['flags-count', 'flags-list', 'flags-soon', 'flags-more']) { // the count is a live region: it is read out when it changes
    const here = document.getElementById(id)
    const fresh = page.getElementById(id)
    const inUse = here.contains(document.activeElement) // nobody loses the place where they are
    if (fresh && !inUse && here.innerHTML !== fresh.innerHTML) here.innerHTML = fresh.innerHTML
  }
  const section = document.getElementById('flags-now')
  section.classList.toggle(OPEN, page.getElementById('flags-now').classList.contains(OPEN))
}

setInterval(() => { refresh().catch(() => {}) }, EVERY_MS)
