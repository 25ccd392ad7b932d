export { closeFd, createReuseportFd } from '../index';
