document.title = 'Organscope without a window';
