"""The walks over two documents: what changed is met here, place by place."""
