'use strict';
/** A module loaded at first use: the runner reads labels of contestants it never runs in its own process. */
module.exports = (load) => {
  let module;
  return () => {
    if (module === undefined) module = load();
    return module;
  };
};
