export { closeFd, createReuseportFd, createSocketPair, ListenReuseportOptions, listenReuseport } from '../index';
