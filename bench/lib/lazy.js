'use strict';
/** Loads a module at its first use, because the runner only reads the labels of contestants. */
module.exports = (load) => {
  let module;
  return () => {
    if (module === undefined) module = load();
    return module;
  };
};
