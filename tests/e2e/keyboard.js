// Follows the focus through a page: what Tab should reach, what it reached, and whether a person could see it there.
(() => {
  const STOPS = "a[href], area[href], button, input, select, textarea, summary, iframe, audio[controls], video[controls], [tabindex], [contenteditable=true]";
  const LOOK = [
    ...["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "textDecorationLine"],
    ...["borderTopColor", "borderBottomColor", "borderTopWidth", "backgroundColor", "color"],
  ];
  // How far up a focus ring may be drawn: a field's own line, and the box around it.
  const RING = 3;
  let stops = [], before = new Map(), reached = [], unseen = [], root = null;

  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.height > 0;
  };
  // Of radio buttons with one name Tab takes the chosen one, or the first; arrows do the rest.
  const isSpokenFor = (element) => {
    if (element.type !== "radio" || !element.name) return false;
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)]
      .filter((each) => each.form === element.form && !each.matches(":disabled"));
    return (group.find((each) => each.checked) ?? group[0]) !== element;
  };
  const isStop = (element) =>
    !element.matches(":disabled, [type=hidden], [tabindex='-1']") && !element.closest("[inert]") &&
    (element.localName !== "summary" || element.parentElement.querySelector(":scope > summary") === element) &&
    !isSpokenFor(element) && isShown(element);
  const stopsIn = (part) => [...part.querySelectorAll(STOPS)].filter(isStop);

  const look = (element) => {
    const found = [];
    for (let each = element, up = 0; each && up < RING; each = each.parentElement, up += 1) {
      const style = getComputedStyle(each);
      found.push(...LOOK.map((name) => style[name]));
    }
    return found.join("|");
  };
  const name = (element) => {
    const words = element.getAttribute("aria-label") || element.innerText || element.name || element.id || "";
    return `${element.localName} “${words.trim().replace(/\s+/g, " ").slice(0, 50)}”`;
  };
  const note = (element) => {
    if (!root?.contains(element) || element === root || reached.at(-1) === element) return;
    reached.push(element);
    const box = element.getBoundingClientRect();
    const isThere = box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true });
    // In a frame the focus is on what stands in it.
    const isSeen = element.localName === "iframe" || (isThere && look(element) !== before.get(element));
    if (before.has(element) && !isSeen) unseen.push(name(element));
  };
  addEventListener("focusin", (event) => note(event.target));
  addEventListener("blur", () => note(document.activeElement)); // into a frame

  window.keyboard = {
    /** Whether Tab begins at the skip link; null on a page for the printer, which has no frame to skip. */
    skips: () => (document.querySelector(".sidebar, .skip-link") ? stopsIn(document)[0].matches(".skip-link") : null),
    isOnSkipLink: () => document.activeElement.matches(".skip-link") && document.activeElement.getBoundingClientRect().top >= 0,
    /** Number of presses of Tab that should lead through all of `selector`. */
    start(selector) {
      root = document.querySelector(selector);
      [stops, reached, unseen] = [stopsIn(root), [], []];
      before = new Map(stops.map((element) => [element, look(element)]));
      // Parts of a date are stops of their own, and so is what stands in a frame.
      const dates = stops.filter((each) => /^(date|time|month|week)/.test(each.type ?? ""));
      const frames = stops.filter((each) => each.localName === "iframe");
      return stops.length + 5 * dates.length + 20 * frames.length;
    },
    isInside: () => root.contains(document.activeElement) && document.activeElement !== root,
    isAt: (element) => document.activeElement === element,
    /** What is wrong with the walk, in words. */
    faults() {
      const there = stops.filter((element) => element.isConnected);
      const missed = there.filter((element) => !reached.includes(element)).map(name);
      // When the focus enters or leaves a frame is told late: it has to come, but not in turn.
      const inTurn = (element) => element.localName !== "iframe";
      const due = there.filter(inTurn), path = reached.filter((element) => due.includes(element));
      const turn = path.findIndex((element, at) => element !== due[at]);
      const found = [];
      if (missed.length) found.push(`not reached: ${missed.slice(0, 3).join(", ")} (${missed.length} of ${there.length})`);
      else if (turn !== -1) found.push(`order: ${name(path[turn])} comes where ${due[turn] ? name(due[turn]) : "the end"} stands`);
      if (unseen.length) found.push(`focus not seen: ${[...new Set(unseen)].slice(0, 3).join(", ")} (${unseen.length})`);
      if (this.isInside()) found.push(`trap: Tab does not leave ${name(document.activeElement)}`);
      return [...found, ...disorder(there), ...mouseOnly(there)];
    },
    /** Menus of `selector`, to be opened one by one. */
    menus: (selector) => [...document.querySelectorAll(`${selector} details.menu-drop > summary`)].filter(isStop).length,
    menu: (selector, at) => [...document.querySelectorAll(`${selector} details.menu-drop > summary`)].filter(isStop)[at],
    isInMenu: (summary) =>
      stopsIn(summary.parentElement).length < 2 ||
      (document.activeElement !== summary && summary.parentElement.contains(document.activeElement)),
    name,
  };

  // What is drawn in another order than it is written is walked in another order than it is seen.
  const disorder = (there) => {
    if (document.querySelector("[tabindex]:not([tabindex='0'], [tabindex='-1'])")) return ["a tabindex above 0"];
    const turned = there.find((element) => {
      for (let each = element; each && each !== document.body; each = each.parentElement) {
        const style = getComputedStyle(each);
        if (style.order !== "0" || (/flex/.test(style.display) && style.flexDirection.endsWith("reverse"))) return true;
      }
      return false;
    });
    return turned ? [`drawn elsewhere than written: ${name(turned)}`] : [];
  };
  // A row that opens by a click needs a link to the same place; a thing that acts as a button needs to be one.
  const mouseOnly = (there) => {
    const links = new Set(there.map((element) => element.getAttribute("href")));
    const rows = [...root.querySelectorAll("tr[data-href]")].filter((row) => isShown(row) && !links.has(row.dataset.href));
    const fakes = [...root.querySelectorAll("[onclick], [role=button], [role=link], [data-dialog-open], [data-copy]")]
      .filter((element) => isShown(element) && !element.matches(":disabled") && !there.includes(element));
    return [
      ...(rows.length ? [`opens by mouse only: row ${rows[0].dataset.href} (${rows.length})`] : []),
      ...(fakes.length ? [`works by mouse only: ${name(fakes[0])} (${fakes.length})`] : []),
    ];
  };
})();
