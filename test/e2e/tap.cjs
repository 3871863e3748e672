/**
 * Loaded with `-r` before the app, into Electron as into the stand-in. It notes what the app would show
 * outside its own window and keeps it from being shown, and it is the hand that clicks there.
 */
'use strict';
const time = require('./tap-time.cjs');
require('./tap-wire.cjs');
const { BrowserWindow, Menu, Notification, Tray, nativeImage, net, shell } = require('electron');

/** Paths of images, which Electron forgets. */
const paths = new WeakMap();
/** The loads of windows that are under way. */
const loads = new Set();
let becomeReady;

const tap = {
  ...time,
  trays: [],
  notices: [],
  opened: [],
  /** The native menu that is open: itself, and what its owner wants to be told when it closes. */
  openMenu: undefined,
  isOnline: true,
  /** Settles when a click on an icon would be heard, and the windows made for it are filled. */
  ready: new Promise((resolve) => {
    becomeReady = resolve;
  }).then(async () => {
    await Promise.allSettled(loads);
    await new Promise(setImmediate);
  }),

  click(event) {
    const { tray } = tap.trays.at(-1);
    const bounds = tray.getBounds();
    tray.emit(event, {}, bounds, { x: bounds.x, y: bounds.y });
  },

  trayState() {
    const { images, toolTip } = tap.trays.at(-1);
    return { images, image: images.at(-1), toolTip };
  },

  menuInSight() {
    const menu = tap.openMenu?.menu ?? tap.trays.at(-1)?.contextMenu;
    if (!menu) throw new Error('no native menu is open, and the icon has none');
    return menu;
  },

  choose(menu, path) {
    let items = menu.items;
    let item;
    for (const name of path) {
      item = items.find(({ id, label, visible }) => visible && (label === name || id === name));
      if (!item) throw new Error(`no "${name}" in the menu: ${items.map((each) => each.label)}`);
      if (!item.enabled) throw new Error(`"${name}" is disabled`);
      items = item.submenu?.items ?? [];
    }
    const window = BrowserWindow.getAllWindows()[0];
    item.click({}, window, window?.webContents);
  },

  closeMenu() {
    const { menu, onClose } = tap.openMenu ?? {};
    tap.openMenu = undefined;
    menu?.emit('menu-will-close', {});
    onClose?.();
  },

  outline(menu) {
    const visible = menu.items.filter((item) => item.visible);
    return visible.map(({ label, type, enabled, checked, submenu }) => ({
      label,
      type,
      enabled,
      checked,
      ...(submenu && { submenu: tap.outline(submenu) }),
    }));
  },
};
globalThis.authbarTap = tap;

function noteOf(tray) {
  let note = tap.trays.find((each) => each.tray === tray);
  if (!note) {
    note = { tray, images: [], toolTip: '', contextMenu: undefined };
    tap.trays.push(note);
  }
  return note;
}

function openMenu(menu, onClose) {
  tap.openMenu = { menu, onClose };
  menu.emit('menu-will-show', {});
}

const { loadURL } = BrowserWindow.prototype;
BrowserWindow.prototype.loadURL = function load(...args) {
  const loading = loadURL.apply(this, args);
  loads.add(loading);
  return loading;
};

const { on, setContextMenu, setImage, setToolTip } = Tray.prototype;
Object.assign(Tray.prototype, {
  on(event, ...rest) {
    noteOf(this);
    if (event === 'click') becomeReady();
    return on.call(this, event, ...rest);
  },
  setImage(image) {
    noteOf(this).images.push(typeof image === 'string' ? image : paths.get(image));
    setImage.call(this, image);
  },
  setToolTip(toolTip) {
    noteOf(this).toolTip = toolTip;
    setToolTip.call(this, toolTip);
  },
  setContextMenu(menu) {
    noteOf(this).contextMenu = menu;
    setContextMenu.call(this, menu);
  },
  popUpContextMenu(menu) {
    openMenu(menu ?? noteOf(this).contextMenu);
  },
});

const { createFromPath } = nativeImage;
nativeImage.createFromPath = (path) => {
  const image = createFromPath(path);
  paths.set(image, path);
  return image;
};

Menu.prototype.popup = function popup(options) {
  openMenu(this, options?.callback);
};

Object.assign(Notification.prototype, {
  show() {
    tap.notices.push({ notification: this, removed: false });
    this.emit('show', {});
  },
  close() {
    for (const each of tap.notices) if (each.notification === this) each.removed = true;
    this.emit('close', {});
  },
});
// Without a service that shows them, too.
Notification.isSupported = () => true;
Notification.remove = (ids) => {
  for (const each of tap.notices) {
    if ([ids].flat().includes(each.notification.id)) each.removed = true;
  }
};

shell.openExternal = async (url) => {
  tap.opened.push(url);
};
net.isOnline = () => tap.isOnline;
